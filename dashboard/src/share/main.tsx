import '../design/tokens.css';
import '../design/base.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from '../data/client.ts';
import { startTheme } from '../lib/theme.ts';
import { SharePage } from './share-page.tsx';

startTheme();

const client = createClient();

const root = document.getElementById('root');
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={client}>
          <SharePage />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
