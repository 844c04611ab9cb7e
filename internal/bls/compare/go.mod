module sxpcompare

go 1.26.8

require github.com/drand/kyber v1.3.2

require (
	go.dedis.ch/fixbuf v1.0.3 // indirect
	golang.org/x/crypto v0.46.0 // indirect
	golang.org/x/sys v0.39.0 // indirect
)
