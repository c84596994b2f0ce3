import { AGENTS } from './agents.mjs';
import { AI_SDK } from './ai-sdk.mjs';
import { ANTHROPIC } from './anthropic.mjs';
import { AWS } from './aws.mjs';
import { GOOGLE } from './google.mjs';
import { HTTP_CLIENTS } from './http-clients.mjs';
import { LANGCHAIN } from './langchain.mjs';
import { OPENAI } from './openai.mjs';
import { OTHER_SDKS } from './other-sdks.mjs';

export const SET_UPS = [
  ...OPENAI,
  ...ANTHROPIC,
  ...GOOGLE,
  ...AI_SDK,
  ...LANGCHAIN,
  ...AGENTS,
  ...AWS,
  ...OTHER_SDKS,
  ...HTTP_CLIENTS,
];
