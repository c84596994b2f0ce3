import type { NextConfig } from 'next';

const config: NextConfig = {
  // Otherwise Next.js uses the enclosing repository as the workspace.
  turbopack: { root: __dirname },
};

export default config;
