module kubeadm-ha/lab/web

go 1.26.0
