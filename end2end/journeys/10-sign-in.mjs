import assert from 'node:assert/strict';

export default [
  {
    name: 'a visitor signs in, comes back to where they were going, and signs out',
    async go(visit) {
      const page = await visit.someone();
      await page.goto('/services?team=payments');
      await page.getByRole('button', { name: /Developer.*payments/ }).first().click();
      await page.waitForURL('**/services?team=payments');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForLoadState();
      await page.goto('/services');
      assert.ok(!page.url().includes('/services?') && !page.url().endsWith('/services'), `still inside: ${page.url()}`);
    },
  },
  {
    name: 'a role that is not mapped grants nothing, and the page says so',
    async go(visit) {
      visit.expected = /status of 403/;
      const page = await visit.signedIn('nobody');
      await page.getByText(/grants? (you )?(nothing|no)/i).first().waitFor();
      const refused = await page.goto('/ask');
      assert.ok([200, 403].includes(refused.status()));
      assert.equal(await page.getByRole('button', { name: 'Go on to the values' }).count(), 0);
    },
  },
  {
    name: 'too many groups to send fails closed, in words',
    async go(visit) {
      visit.expected = /the server responded with a status of 403/;
      const page = await visit.someone();
      await page.goto('/sign-in?as=overage&return_to=/');
      await page.getByText(/too many/i).first().waitFor();
      assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0);
    },
  },
  {
    name: 'the address after sign-in never leads elsewhere',
    ways: ['plain'],
    async go(visit) {
      visit.expected = /status of 404/;
      for (const evil of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/%0d%0aSet-Cookie:x=y']) {
        const page = await visit.someone();
        await page.goto(`/sign-in?as=developer&return_to=${encodeURIComponent(evil)}`);
        assert.equal(new URL(page.url()).hostname, '127.0.0.1', evil);
      }
    },
  },
];
