module kubeadm-ha/lab/writer

go 1.26.0
