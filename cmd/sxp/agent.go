package main

import (
	"context"

	"github.com/spf13/cobra"

	"sxp"
)

func (a *app) agentCmd() *cobra.Command {
	var format string
	var debug bool
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Stay online: promise, sign, claim and collect in time",
		Long: `Agent does for you what has to be done in time, until it is interrupted: it
fetches what arrives, promises and signs the deals that you have accepted, asks
the jury when somebody vanishes, and fetches what you missed while away. While
it runs, the other commands of the same home talk to it, and need no passphrase.`,
		Example: "  sxp agent\n  sxp --home /srv/alice --passphrase-file /run/pass agent --log json",
		Args:    args(0, 0, ""),
	}
	cmd.Flags().StringVar(&format, "log", "text", "`format` of the log: text or json")
	cmd.Flags().BoolVar(&debug, "debug", false, "log more")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		log, err := logger(a.err, format, debug)
		if err != nil {
			return err
		}
		dir, err := a.homeDir()
		if err != nil {
			return err
		}
		running, o, err := a.enter(ctx, log)
		if err != nil {
			return err
		}
		if running != nil {
			running.Close()
			return sxp.Errorf("sxp.agent", sxp.Busy, nil, "an agent of %s runs already: use the other commands, they talk to it", dir)
		}
		defer o.close()
		err = o.serve(ctx, func(ctx context.Context) error {
			log.Info("the agent serves", "id", o.agent.ID(), "home", dir)
			<-ctx.Done()
			return nil
		})
		log.Info("the agent has stopped")
		return err
	}
	return cmd
}
