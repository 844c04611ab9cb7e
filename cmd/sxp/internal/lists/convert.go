package lists

import (
	"github.com/spf13/cobra"

	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/problem"
)

func (t *Tool) convertCmd() *cobra.Command {
	set, s, to := problem.Settings{}, solving{}, "-"
	cmd := &cobra.Command{
		Use:   "convert FILE",
		Short: "Write a list as JSON, for solvers of other people",
		Long: `Convert writes a want list or a pool as the JSON that any solver can read
(spec/problem.md): ` + "`sxp solver`" + ` and programs of others take it on standard input
and write an answer, which ` + "`sxp deals check`" + ` verifies.`,
		Example: "  sxp deals convert wants.txt --max-ring 3 > problem.json\n  sxp deals convert pool.wmd --max-chain 4 --file problem.json",
		Args:    cli.Args(1, 1, "a file"),
	}
	formatFlag(cmd, &set)
	s.caps.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&s.goals, "objective", "items,people,cost", "what is sought, most important first: `goals` of items, people, cost, worth, expected")
	f.IntVar(&s.each, "max-items", 0, "at most `n` items of each person are traded; 0: any number")
	f.Var(&s.keeps, "reliability", "how likely everybody keeps their word, for the objective expected (95%)")
	f.StringVar(&to, "file", "-", "write to this `file`; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		m, err := problem.Read(given[0], set)
		if err != nil {
			return err
		}
		t.complain(m)
		opt, err := s.options(cmd, m)
		if err != nil {
			return err
		}
		data, err := m.Problem(opt).Encode()
		if err != nil {
			return err
		}
		if to == "-" {
			_, err := t.Out.Write(data)
			return err
		}
		return t.save(to, data)
	}
	return cmd
}
