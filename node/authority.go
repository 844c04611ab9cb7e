package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"net"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"sxp"
	"sxp/internal/kv"
)

// How long own certificates last: the authority's, until devices have to be
// given another; the node's, as long as phones take at most; and how long
// before its end each is made anew.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	authorityLeft = 365 * 24 * time.Hour
	leafLife      = 397 * 24 * time.Hour
	leafLeft      = 30 * 24 * time.Hour
)

// Keys of the authority in node.db.
const (
	keyAuthority     = "secret/ca" // its private key, PKCS #8
	keyAuthorityCert = "ca"        // its certificate, DER
)

// An authority signs certificates for one node's names, and by its own
// certificate for no others: whoever installs it trusts the node with nothing
// else. It is safe for concurrent use.
type authority struct {
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	names []string
	addrs []net.IP

	mu   sync.Mutex
	leaf *tls.Certificate
}

// openAuthority returns the authority for these names: the stored one, or a
// new one where there is none, its names are others, or its end is near.
func openAuthority(store kv.Store, label string, names []string, addrs []net.IP) (a *authority, isNew bool, err error) {
	a = &authority{names: names, addrs: addrs}
	err = store.Update(func(tx kv.Tx) error {
		key, raw := tx.Get(keyAuthority), tx.Get(keyAuthorityCert)
		defer clear(key)
		if key != nil && a.read(key, raw) == nil {
			return nil
		}
		isNew = true
		if err := a.make(label); err != nil {
			return err
		}
		key, err := x509.MarshalPKCS8PrivateKey(a.key)
		if err != nil {
			return err
		}
		defer clear(key)
		if err := tx.Put(keyAuthority, key); err != nil {
			return err
		}
		return tx.Put(keyAuthorityCert, a.cert.Raw)
	})
	return a, isNew, err
}

// read takes a stored authority if it still serves.
func (a *authority) read(key, raw []byte) error {
	const op = "node.Open"
	k, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return err
	}
	signer, ok := k.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(cert.PublicKey) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the stored authority has another key")
	}
	if time.Until(cert.NotAfter) < authorityLeft {
		return sxp.Errorf(op, sxp.Late, nil, "the stored authority ends soon")
	}
	want := a.template("")
	same := slices.Equal(cert.ExtKeyUsage, want.ExtKeyUsage) && slices.Equal(cert.PermittedDNSDomains, want.PermittedDNSDomains) &&
		slices.EqualFunc(cert.PermittedIPRanges, want.PermittedIPRanges, func(x, y *net.IPNet) bool { return x.String() == y.String() })
	if !same {
		return sxp.Errorf(op, sxp.Invalid, nil, "the stored authority is for other names")
	}
	a.key, a.cert = signer, cert
	return nil
}

func (a *authority) template(label string) *x509.Certificate {
	t := &x509.Certificate{
		Subject: pkix.Name{CommonName: strings.TrimSpace("SXP node " + label)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, // never programs, mail or people
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: a.names,
	}
	for _, ip := range a.addrs {
		bits := 8 * len(ip)
		t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)})
	}
	return t
}

func (a *authority) make(label string) (err error) {
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	t := a.template(label)
	a.cert, err = issue(t, t, a.key, a.key)
	return err
}

// issue signs a certificate under a random number.
func issue(t, parent *x509.Certificate, of, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	t.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &of.PublicKey, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// get is tls.Config.GetCertificate.
func (a *authority) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.leaf != nil && time.Until(a.leaf.Leaf.NotAfter) > leafLeft {
		return a.leaf, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	cert, err := issue(&x509.Certificate{
		Subject:   pkix.Name{CommonName: a.cert.Subject.CommonName + ", server"}, // another name, or some take it for self-signed
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(leafLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: a.names, IPAddresses: a.addrs, BasicConstraintsValid: true,
	}, a.cert, key, a.key)
	if err != nil {
		return nil, err
	}
	a.leaf = &tls.Certificate{Certificate: [][]byte{cert.Raw, a.cert.Raw}, PrivateKey: key, Leaf: cert}
	return a.leaf, nil
}

// fingerprint is the SHA-256 of the authority's certificate as devices show it.
func (a *authority) fingerprint() string {
	sum := sha256.Sum256(a.cert.Raw)
	var parts []string
	for _, b := range sum {
		parts = append(parts, strings.ToUpper(hex.EncodeToString([]byte{b})))
	}
	return strings.Join(parts, ":")
}

// ownNames are the names and addresses under which the node is reached: of its
// public address, of where it listens, of this machine, and those that the
// operator adds.
func (c *Config) ownNames() (names []string, addrs []net.IP) {
	all := slices.Concat([]string{"localhost", "127.0.0.1", "::1"}, c.TLSNames)
	if u, err := url.Parse(c.Public); err == nil {
		all = append(all, u.Hostname())
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil {
		all = append(all, host)
	}
	var texts []string
	for _, s := range all {
		ip := net.ParseIP(s)
		switch {
		case s == "" || ip != nil && ip.IsUnspecified():
		case ip == nil:
			names = append(names, strings.ToLower(s))
		default:
			texts = append(texts, ip.String())
		}
	}
	sort.Strings(names)
	sort.Strings(texts)
	for _, s := range slices.Compact(texts) {
		ip := net.ParseIP(s)
		if v4 := ip.To4(); v4 != nil {
			ip = v4
		}
		addrs = append(addrs, ip)
	}
	return slices.Compact(names), addrs
}

// selfTLS makes or reads the node's own authority.
func (s *Server) selfTLS() error {
	names, addrs := s.cfg.ownNames()
	a, isNew, err := openAuthority(s.kv, s.cfg.Label, names, addrs)
	if err != nil {
		return err
	}
	if _, err := a.get(nil); err != nil {
		return err
	}
	s.authority = a
	s.tls = &tls.Config{GetCertificate: a.get, MinVersion: tls.VersionTLS13}
	what := "this node signs its own certificate: install its authority on the devices that use it"
	if isNew {
		what = "this node has a new authority for its certificate: install it on the devices that use it"
	}
	s.cfg.Log.Info(what, "path", AuthorityPath, "sha256", a.fingerprint(), "names", names, "addresses", addrs)
	return nil
}

// Authority returns the SHA-256 of the certificate at AuthorityPath as devices
// show it, "" where the node does not sign its own.
func (s *Server) Authority() string {
	if s.authority == nil {
		return ""
	}
	return s.authority.fingerprint()
}
