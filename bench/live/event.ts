/** An event of ordinary size that says when it was sent. */
export const eventAt = (number: number, atMs: number) => ({
  id: `live-${number}`,
  type: 'page_view',
  source: 'web',
  user_id: `u_${number % 1_000}`,
  session_id: `s_${number % 3_000}`,
  context: { device_type: 'mobile', country: 'DE', page: '/products/lamp', referrer: 'https://example.com/' },
  properties: { plan: 'pro', items: number % 7, at: atMs },
});
