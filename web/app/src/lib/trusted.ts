// What the page may start as code: scripts of the node that served it. The
// page's policy refuses all else (web/policy.go), and this is imported first,
// because a worker cannot be started before it.

type Factory = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown };

(globalThis as { trustedTypes?: Factory }).trustedTypes?.createPolicy('default', {
  createScriptURL(url) {
    if (new URL(url, location.href).origin !== location.origin) throw new TypeError('a script of another origin');
    return url;
  },
});
