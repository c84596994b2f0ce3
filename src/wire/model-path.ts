/** What is in front of the query of a path, or of a whole URL, by its length. */
export function pathLength(path: string): number {
  const query = path.indexOf('?');
  return query === -1 ? path.length : query;
}

/** The same path without doubled and trailing slashes, which servers ignore. Its query stays as it is. */
export function withoutExtraSlashes(path: string): string {
  const length = pathLength(path);
  const doubled = path.indexOf('//');
  const hasDoubled = doubled !== -1 && doubled < length;
  if (!hasDoubled && !path.endsWith('/', length)) return path;
  // Behind a forward proxy it is a whole URL.
  const plain = path.slice(0, length).replace(/(?<!:)\/{2,}/g, '/');
  return (plain.endsWith('/') ? plain.slice(0, -1) : plain) + path.slice(length);
}

/** A path `{parent}/{collection}/{model}{verb}`, as Google's services have them. */
export interface ModelPath {
  readonly parent: string;
  readonly collection: string;
  readonly model: string;
}

/** @param verb with its colon; it is there, at the end of the path */
export function modelPath(path: string, length: number, verb: string): ModelPath | undefined {
  const stem = path.slice(0, length - verb.length);
  const model = stem.lastIndexOf('/');
  const collection = stem.lastIndexOf('/', model - 1);
  if (model <= 0 || collection === -1 || model === stem.length - 1) return undefined;
  return {
    parent: stem.slice(0, collection),
    collection: stem.slice(collection + 1, model),
    model: decodedSegment(stem.slice(model + 1)),
  };
}

/** A segment of a path without its percent-encoding; as it is where that is invalid. */
export function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Azure's path names the deployment, which stands where elsewhere the body names the model. */
const DEPLOYMENT = /\/openai\/deployments\/([^/]+)\//;

/** The model that an Azure path names. */
export function deploymentIn({ pathname }: URL): string | undefined {
  const name = DEPLOYMENT.exec(pathname)?.[1];
  return name === undefined ? undefined : decodedSegment(name);
}
