import type { NextConfig } from 'next';

const config: NextConfig = {
  // Next.js would take the repository around this example for the workspace.
  turbopack: { root: __dirname },
};

export default config;
