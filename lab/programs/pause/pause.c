/*
 * The pause program of the lab: holds a pod's namespaces and, as its first process, reaps what the pod's containers leave
 * behind. It ends at SIGINT and SIGTERM, and answers -v: `kubeadm upgrade` runs a Job with it to see that pods start.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(void) {
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "-v") == 0) {
    puts("pause (kubeadm-ha lab)");
    return 0;
  }
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGINT);
  sigaddset(&watched, SIGTERM);
  sigaddset(&watched, SIGCHLD);
  /* Blocked and waited for one by one: nothing runs in a signal handler, and no signal is lost between two waits. */
  if (sigprocmask(SIG_BLOCK, &watched, NULL) != 0) {
    perror("pause: sigprocmask");
    return 1;
  }
  for (;;) {
    reap();
    int signal_number = sigwaitinfo(&watched, NULL);
    if (signal_number == SIGINT || signal_number == SIGTERM) {
      return 0;
    }
    if (signal_number < 0 && errno != EINTR) {
      perror("pause: sigwaitinfo");
      return 1;
    }
  }
}
