package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func newHealthcheck(p *program) *cobra.Command {
	var listen, cert string
	cmd := &cobra.Command{
		Use: "healthcheck", Short: "Exit 0 if the server on this machine is ready", Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			host, port, err := net.SplitHostPort(listen)
			if err != nil {
				return errUsage{fmt.Errorf("--listen %q is not an address with a port", listen)}
			}
			if host == "" || host == "0.0.0.0" || host == "::" {
				host = "127.0.0.1"
			}
			scheme := serveOptions{tlsCert: cert}.scheme()
			r, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/readyz", nil)
			if err != nil {
				return err
			}
			client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
				Proxy: nil, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // it asks this machine, and says nothing
			}}
			answer, err := client.Do(r)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("not ready: %s", answer.Status)
			}
			_, err = fmt.Fprintln(p.out, "ready")
			return err
		},
	}
	cmd.Flags().StringVar(&listen, "listen", defaultAddress, "`address` that serve listens on")
	cmd.Flags().StringVar(&cert, "tls-cert", "", "serve has a certificate: ask by https")
	return cmd
}
