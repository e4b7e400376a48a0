module kubeadm-ha/lab/mirror

go 1.26.0
