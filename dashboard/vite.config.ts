import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const platform = process.env['AEVUM_URL'] ?? 'http://127.0.0.1:8080';

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // A preload would be an inline script; nothing is inlined, so the page needs no exception from its content security policy.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What a share link leads to needs no session, and loads nothing that does.
    rolldownOptions: { input: ['index.html', 'share.html'].map(pathOf) },
  },
  // The host stays that of the page: the server refuses requests of pages that are not its own.
  server: {
    proxy: {
      '/api': { target: platform, changeOrigin: false },
      '/ws': { target: platform, changeOrigin: false, ws: true },
      '/login': { target: platform, changeOrigin: false },
    },
  },
});
