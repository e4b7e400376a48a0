package remote

import "github.com/pulumi/pulumi-go-provider/infer"

const (
	defaultUser           = "root"
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15 // seconds
	unlimited             = -1 // as dialErrorLimit
)

// Endpoint says how to log in to one SSH server.
type Endpoint struct {
	Host               *string  `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
}

// Connection is the host to run on, perhaps reached through a proxy.
type Connection struct {
	Endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection is a bastion host: a server of its own, with its own login and host key.
type ProxyConnection struct{ Endpoint }

// Annotate describes the properties and gives their defaults.
func (c *Connection) Annotate(a infer.Annotator) {
	a.Describe(&c, "How to reach a host over SSH.")
	c.Endpoint.annotate(a)
	a.Describe(&c.Proxy, "A bastion host to connect through.")
}

// Annotate describes the properties and gives their defaults.
func (c *ProxyConnection) Annotate(a infer.Annotator) {
	a.Describe(&c, "How to reach a bastion host over SSH.")
	c.Endpoint.annotate(a)
}

func (e *Endpoint) annotate(a infer.Annotator) {
	a.Describe(&e.Host, "Name or address of the host.")
	a.Describe(&e.Port, "TCP port of its SSH server.")
	a.SetDefault(&e.Port, defaultPort)
	a.Describe(&e.User, "The user to log in as.")
	a.SetDefault(&e.User, defaultUser)
	a.Describe(&e.Password, "The user's password.")
	a.Describe(&e.PrivateKey, "A private key in PEM form; it is tried before the password.")
	a.Describe(&e.PrivateKeyPassword, "The private key's passphrase.")
	a.Describe(&e.AgentSocketPath, "Socket of an SSH agent. Default: $SSH_AUTH_SOCK, where it is set.")
	a.Describe(&e.HostKey, "The host key to insist on, as a line of authorized_keys. Without it none is checked.")
	a.Describe(&e.DialErrorLimit, "How many failed dials to forgive; -1: any number.")
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.Describe(&e.PerDialTimeout, "Most seconds that one dial may take; 0: any number.")
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
}

// value is what p points to, or, where a state written without it left it empty, the default.
func value[T any](p *T, byDefault T) T {
	if p == nil {
		return byDefault
	}
	return *p
}
