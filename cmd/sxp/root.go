package main

import (
	"strings"

	"github.com/spf13/cobra"

	"sxp/cmd/sxp/internal/cli"
)

// Groups of the help.
const (
	groupStart = "start"
	groupSwap  = "swap"
	groupTalk  = "talk"
	groupRoles = "roles"
	groupTools = "tools"
)

// root builds the command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "sxp",
		Short: "Swap goods, services, rights and money with strangers, with nobody in between",
		Long: `Sxp lets people who do not know each other swap goods, services, rights and
money directly. Say what you have and what you need; rings of people who can
help each other are found; one command accepts; the contract binds all or nobody.

Start with ` + "`sxp init`" + `, then ` + "`sxp market join LINK`" + `, ` + "`sxp offer`" + ` and ` + "`sxp need`" + `.
` + "`sxp world`" + ` shows a whole swap among three strangers on this machine.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRun:  a.begin,
		Args:              cli.Known,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},

		SuggestionsMinimumDistance: 2,
	}
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "To begin:"},
		&cobra.Group{ID: groupSwap, Title: "To swap:"},
		&cobra.Group{ID: groupTalk, Title: "To talk:"},
		&cobra.Group{ID: groupRoles, Title: "To stay online, and to run a market:"},
		&cobra.Group{ID: groupTools, Title: "To look and to try:"},
	)
	flags := root.PersistentFlags()
	flags.StringVar(&a.home, "home", "", "`folder` of your keys and deals (default $SXP_HOME or ~/.sxp)")
	flags.StringVar(&a.passphraseFile, "passphrase-file", "", "read the passphrase from `file` (default $SXP_PASSPHRASE_FILE, or ask)")
	flags.BoolVar(&a.json, "json", false, "print one JSON value for programs")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usagef("%s", cli.FlagReason(err)) })

	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupStart, a.initCmd(), a.restoreCmd(), a.cardCmd(), a.marketCmd(), a.statusCmd())
	add(groupSwap, a.offerCmd(), a.needCmd(), a.giftCmd(), a.reofferCmd(), a.listCmd(), a.editCmd(), a.withdrawCmd(), a.searchCmd(),
		a.withTools(a.dealsCmd()), a.proposeCmd(), a.acceptCmd(), a.counterCmd(), a.declineCmd(), a.contractsCmd(), a.secretCmd(), a.verifyCmd(), a.evidenceCmd(), a.ratingCmd())
	add(groupTalk, a.sendCmd(), a.postCmd(), a.inboxCmd(), a.relaysCmd(), a.devicesCmd())
	add(groupRoles, a.agentCmd(), a.nodeCmd(), a.juryCmd())
	add(groupTools, a.solverCmd(), a.worldCmd(), a.inspectCmd(), a.versionCmd(), a.completionCmd())
	help := cli.HelpCmd("  sxp help offer\n  sxp help market create")
	help.GroupID = groupTools
	root.SetHelpCommand(help)
	return root
}

// group makes a command that only has commands below it.
func group(use, short, long string, cmds ...*cobra.Command) *cobra.Command {
	var names []string
	for _, c := range cmds {
		names = append(names, c.Name())
	}
	g := &cobra.Command{
		Use: use, Short: short, Long: long,
		RunE: func(cmd *cobra.Command, given []string) error {
			if len(given) > 0 {
				return usagef("%s has no command %q: it has %s", cmd.Name(), given[0], strings.Join(names, ", "))
			}
			return usagef("%s needs a command: %s", cmd.Name(), strings.Join(names, ", "))
		},
		Args: cobra.ArbitraryArgs,
	}
	g.AddCommand(cmds...)
	return g
}

// completionCmd replaces cobra's own so that it stands in a group and has our
// words; the scripts are cobra's.
func (a *app) completionCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that completes sxp's words in your shell",
		Long:  "Completion prints a script for your shell. Load it once per session, or put\nit where your shell looks for completions.",
		Example: `  source <(sxp completion bash)
  sxp completion zsh > "${fpath[1]}/_sxp"
  sxp completion fish > ~/.config/fish/completions/sxp.fish`,
		ValidArgs: []string{"bash", "zsh", "fish"},
		Args:      args(1, 1, "a shell: bash, zsh or fish"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		root := cmd.Root()
		switch given[0] {
		case "bash":
			return root.GenBashCompletionV2(a.out, true)
		case "zsh":
			return root.GenZshCompletion(a.out)
		case "fish":
			return root.GenFishCompletion(a.out, true)
		}
		return usagef("no completion for %q: there is bash, zsh and fish", given[0])
	}
	return cmd
}
