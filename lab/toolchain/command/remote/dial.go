package remote

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
)

// dialer opens a TCP connection: a net.Dialer's, or one that goes through a bastion host.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// dial logs in, through the proxy if there is one, and tries again as often as dialErrorLimit says.
// Whatever fails is tried again: also a wrong password or host key.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, error) {
	if c.Proxy == nil {
		return c.Endpoint.dial(ctx, "Dial", nil)
	}
	bastion, err := c.Proxy.dial(ctx, "Dial proxy", nil)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	client, err := c.Endpoint.dial(ctx, "Dial", bastion.DialContext)
	if err != nil {
		_ = bastion.Close()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	go func() { // the bastion is needed as long as the connection through it
		_ = client.Wait()
		_ = bastion.Close()
	}()
	return client, nil
}

// dial logs in to one server. what names the attempt in the progress display; through replaces the
// plain TCP connection.
func (e *Endpoint) dial(ctx context.Context, what string, through dialer) (*ssh.Client, error) {
	config, done, err := e.clientConfig()
	if err != nil {
		return nil, err
	}
	defer done()
	if through == nil {
		through = (&net.Dialer{Timeout: config.Timeout}).DialContext
	}
	address := net.JoinHostPort(value(e.Host, ""), strconv.Itoa(int(value(e.Port, defaultPort))))
	limit := value(e.DialErrorLimit, defaultDialErrorLimit)
	return withRetries(ctx, what, limit, func() (*ssh.Client, error) {
		return handshake(ctx, through, address, config)
	})
}

// handshake makes one attempt, and bounds all of it by the configuration's Timeout: a port that
// accepts but never speaks does not hold it up.
func handshake(ctx context.Context, through dialer, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	connection, err := through(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if config.Timeout > 0 {
		// A connection through a bastion has no deadlines, so a timer closes it.
		timer := time.AfterFunc(config.Timeout, func() { _ = connection.Close() })
		defer timer.Stop()
	}
	inner, channels, requests, err := ssh.NewClientConn(connection, address, config)
	if err != nil {
		_ = connection.Close()
		return nil, err
	}
	return ssh.NewClient(inner, channels, requests), nil
}

// withRetries forgives limit failures: it attempts at most limit+1 times, 0.1 s after the first
// failure, then 1.5 times as long each time, never more than 5 s.
func withRetries[T any](ctx context.Context, what string, limit int, attempt func() (T, error)) (T, error) {
	var none T
	done, result, err := retry.Until(ctx, retry.Acceptor{
		Accept: func(forgiven int, _ time.Duration) (bool, any, error) {
			got, err := attempt()
			if err == nil {
				return true, got, nil
			}
			if limit != unlimited && forgiven >= limit {
				return true, nil, fmt.Errorf("after %d failed attempts: %w", forgiven, err)
			}
			most := "inf"
			if limit != unlimited {
				most = strconv.Itoa(limit)
			}
			p.GetLogger(ctx).InfoStatusf("%s %d/%s failed: retrying", what, forgiven+1, most)
			return false, nil, nil
		},
	})
	if err != nil {
		return none, err
	}
	if !done {
		return none, ctx.Err()
	}
	return result.(T), nil
}
