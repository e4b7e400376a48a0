package sshtest

import (
	"io"
	"net"
	"strconv"

	"golang.org/x/crypto/ssh"
)

// serve talks with one client until it hangs up.
func (s *Server) serve(connection net.Conn, config *ssh.ServerConfig) {
	server, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		_ = connection.Close()
		return
	}
	s.count(&s.open, 1)
	defer s.count(&s.open, -1)
	defer server.Close()
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		switch offered.ChannelType() {
		case "session":
			channel, requests, err := offered.Accept()
			if err != nil {
				return
			}
			go s.session(channel, requests)
		case "direct-tcpip": // what a bastion host is for
			go forward(offered)
		default:
			_ = offered.Reject(ssh.UnknownChannelType, "only sessions and forwarding")
		}
	}
}

// session takes variables and then runs one command.
func (s *Server) session(channel ssh.Channel, requests <-chan *ssh.Request) {
	run := Run{Env: map[string]string{}}
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			_ = ssh.Unmarshal(request.Payload, &variable)
			if s.AcceptEnv {
				run.Env[variable.Name] = variable.Value
			}
			_ = request.Reply(s.AcceptEnv, nil)
		case "exec":
			var text struct{ Command string }
			_ = ssh.Unmarshal(request.Payload, &text)
			run.Command = text.Command
			_ = request.Reply(true, nil)
			go s.exec(channel, run)
		default:
			_ = request.Reply(false, nil)
		}
	}
}

func (s *Server) exec(channel ssh.Channel, run Run) {
	if !s.LeaveStdin {
		input, _ := io.ReadAll(channel)
		run.Stdin = string(input)
	}
	s.mu.Lock()
	s.runs = append(s.runs, run)
	s.mu.Unlock()
	status := s.Handle(run, channel, channel.Stderr())
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
	_ = channel.Close()
}

// forward joins a channel with a TCP connection, as `ssh -J` asks of a bastion host.
func forward(offered ssh.NewChannel) {
	var target struct {
		Host       string
		Port       uint32
		Originator string
		FromPort   uint32
	}
	_ = ssh.Unmarshal(offered.ExtraData(), &target)
	connection, err := net.Dial("tcp", net.JoinHostPort(target.Host, strconv.Itoa(int(target.Port))))
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		_ = connection.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(channel, connection)
		_ = channel.Close()
	}()
	_, _ = io.Copy(connection, channel)
	_ = connection.Close()
}
