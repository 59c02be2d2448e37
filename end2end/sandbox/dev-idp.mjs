// The local identity provider: a real OpenID Connect provider whose people are made up and have no
// password. Development and tests only; it listens on 127.0.0.1 and nowhere else.
//
//   CLIENT_SECRET=… node dev-idp.mjs
//   node dev-idp.mjs people      lists who can sign in
//
// PORT          where to listen; default 9400
// CLIENT_ID     the portal's client id; default gatehouse
// CLIENT_SECRET the portal's client secret; no default
// REDIRECT_URI  where the portal takes the code; default http://127.0.0.1:3000/sign-in/callback
//
// A login_hint that names a person signs that person in without a click.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

const port = Number(process.env.PORT ?? 9400);
const issuer = `http://127.0.0.1:${port}`;
const clientId = process.env.CLIENT_ID ?? 'gatehouse';
const clientSecret = process.env.CLIENT_SECRET;
const redirectUri = process.env.REDIRECT_URI ?? 'http://127.0.0.1:3000/sign-in/callback';
const listing = process.argv[2] === 'people';
if (!clientSecret && !listing) {
  console.error('CLIENT_SECRET is not set: give the secret that the portal uses (GATEHOUSE_CLIENT_SECRET).');
  process.exit(2);
}

const person = (name, groups, note) => ({ name, note, claims: { groups } });
const people = {
  developer: person('Dana Developer', ['payments:developer'], 'asks for environments of team payments'),
  approver: person('Ari Approver', ['payments:developer', 'payments:approver'], 'approves for team payments, and may ask too'),
  'second-approver': person('Sam Second', ['payments:approver'], 'approves for team payments'),
  logistics: person('Lou Logistics', ['logistics:developer', 'logistics:approver'], 'team logistics: the other team'),
  security: person('Sky Security', ['security'], 'security, across teams'),
  platform: person('Pat Platform', ['platform'], 'platform engineer, across teams'),
  auditor: person('Audrey Auditor', ['auditor'], 'reads everything, changes nothing'),
  nobody: person('Noor Nobody', ['unknown:group'], 'has a group that the portal does not map'),
  overage: {
    name: 'Ove Overage',
    note: 'has too many groups to send: Entra sends a link instead of the claim',
    // https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#groups-overage-claim
    claims: {
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: `${issuer}/users/overage/getMemberObjects` } },
    },
  },
};

if (listing) {
  for (const { name, note } of Object.values(people)) console.log(`${name.padEnd(16)} ${note}`);
  process.exit(0);
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => escapes[character]);

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#f8fafc, #0f172a); color: light-dark(#0f172a, #f1f5f9); }
main { max-width: 34rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
.notice { padding: .5rem .75rem; border-radius: .375rem; background: light-dark(#fef3c7, #422006); color: light-dark(#713f12, #fef3c7); }
ul { list-style: none; margin: 0; padding: 0; }
button { display: block; width: 100%; margin: .5rem 0; padding: .75rem 1rem; font: inherit; text-align: left; cursor: pointer;
  border: 1px solid light-dark(#64748b, #94a3b8); border-radius: .375rem; background: light-dark(#fff, #1e293b); color: inherit; }
button:hover { background: light-dark(#f1f5f9, #334155); }
button:focus-visible { outline: 3px solid light-dark(#2563eb, #93c5fd); outline-offset: 2px; }
button strong, button span { display: block; }
code { font-size: .875rem; overflow-wrap: anywhere; }
`;
const styleHash = createHash('sha256').update(style).digest('base64');

// The portal's origin is there because browsers hold a form's redirects to form-action too.
const contentSecurityPolicy = [
  "default-src 'none'",
  'img-src data:',
  `style-src 'sha256-${styleHash}'`,
  `form-action 'self' ${new URL(redirectUri).origin}`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function page(ctx, title, content) {
  ctx.set('content-security-policy', contentSecurityPolicy);
  ctx.set('cache-control', 'no-store');
  ctx.set('referrer-policy', 'no-referrer');
  ctx.set('x-content-type-options', 'nosniff');
  ctx.type = 'html';
  ctx.body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Development sign-in</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<p class="notice">Development only: these people are made up and have no password.</p>
${content}
</main>
</body>
</html>`;
}

function choice(interaction, id) {
  const { name, note, claims } = people[id];
  const groups = claims.groups?.join(', ') ?? 'too many groups to send';
  return `<li><form method="post" action="/interaction/${escape(interaction)}/as/${escape(id)}">
<button><strong>${escape(name)}</strong><span>${escape(note)}</span><code>${escape(groups)}</code></button>
</form></li>`;
}

// Only now: importing it prints advice that does not belong into the list above.
const { Provider } = await import('oidc-provider');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [new URL('/', redirectUri).href],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  pkce: { required: () => true },
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  // The claims go into the ID token, as Entra, Okta and Keycloak can be told to.
  conformIdTokenClaims: false,
  ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 3600, Session: 3600 },
  findAccount: (_ctx, id) =>
    Object.hasOwn(people, id)
      ? {
          accountId: id,
          claims: () => ({
            sub: id,
            name: people[id].name,
            email: `${id}@example.test`,
            email_verified: true,
            ...people[id].claims,
          }),
        }
      : undefined,
  // The portal is the provider's own, so nobody is asked for consent.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid profile email groups');
    await grant.save();
    return grant;
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        const button = '<button name="logout" value="yes"><strong>Sign out</strong></button></form>';
        page(ctx, 'Sign out?', form.replace('</form>', button));
      },
      postLogoutSuccessSource: (ctx) => page(ctx, 'Signed out', '<p>You can close this page.</p>'),
    },
  },
  renderError: (ctx, { error, error_description: description }) => {
    page(ctx, 'Sign-in failed', `<p>${escape(description ?? 'The request could not be understood.')}</p><p><code>${escape(error)}</code></p>`);
  },
});

// No single sign-on: every sign-in begins without a session and asks who it is, so changing person is one click.
provider.use((ctx, next) => {
  const cookies = ctx.req.headers.cookie;
  if (cookies && /^\/auth(\/|$)/.test(ctx.path)) {
    ctx.req.headers.cookie = cookies.split('; ').filter((cookie) => !cookie.startsWith('_session')).join('; ');
  }
  return next();
});

provider.use(async (ctx, next) => {
  const asked = ctx.path.match(/^\/interaction\/([\w-]+)(?:\/as\/([\w-]+))?$/);
  if (!asked) return next();
  const [, interaction, chosen] = asked;
  const { params } = await provider.interactionDetails(ctx.req, ctx.res);
  const id = ctx.method === 'POST' ? chosen : params.login_hint;
  if (id && Object.hasOwn(people, id)) {
    const result = { login: { accountId: id, remember: false } };
    return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  }
  const choices = Object.keys(people).map((known) => choice(interaction, known));
  return page(ctx, 'Who signs in?', `<ul>${choices.join('\n')}</ul>`);
});

for (const event of ['authorization.error', 'grant.error', 'userinfo.error', 'end_session.error', 'server_error']) {
  provider.on(event, (_ctx, error) => console.error(`${event}: ${error.message} ${error.error_description ?? ''}`));
}

const server = provider.listen(port, '127.0.0.1', () => console.log(`The local identity provider listens at ${issuer}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.closeAllConnections();
    server.close(() => process.exit(0));
  });
}
