import { listOf, membersOf } from '../gemini/members.js';
import { asList, asObject, type JsonObject } from '../json/json.js';
import { argumentSchemaFlaws } from './schema.js';
import type { ShapedTool } from './shaped.js';
import { isToolName, kindOf, protocolWord, toolName } from './words.js';

/** `tools` of OpenAI's APIs, and `functions`: built-in ones have no name but their type. */
export function shapedFunctions(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const told = asObject(tool['function']) ?? asObject(tool['custom']) ?? tool;
    const isBuiltIn = told === tool && tool['type'] !== undefined && tool['type'] !== 'function';
    if (isBuiltIn && told['name'] === undefined) return [{ name: protocolWord(tool['type']), flaws: [] }];
    const schema = told['parameters'];
    const isStrict = told['strict'] === true;
    return [shapedTool(told['name'], schema === undefined ? [] : argumentSchemaFlaws(schema, isStrict))];
  });
}

/** `tools` of Anthropic: those of the application have a schema, those of the provider a dated type. */
export function shapedSchemas(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const isOwn = tool['type'] === undefined || tool['type'] === 'custom';
    return [
      shapedTool(
        tool['name'],
        isOwn ? argumentSchemaFlaws(tool['input_schema'], tool['strict'] === true) : [],
      ),
    ];
  });
}

/** Tools of Bedrock's Converse: each a member that says what it is. */
export function shapedSpecifications(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const specification = asObject(tool['toolSpec']);
    if (specification === undefined)
      return Object.keys(tool).map((name) => ({ name: protocolWord(name), flaws: [] }));
    const schema = asObject(specification['inputSchema'])?.['json'];
    return [shapedTool(specification['name'], argumentSchemaFlaws(schema, false))];
  });
}

/** Tools of the AI SDK: those of a provider have an id where those of the application have a schema. */
export function shapedModelTools(tools: unknown): ShapedTool[] {
  return shapedList(tools, (tool) => {
    const isOwn = tool['type'] === 'function';
    return [
      shapedTool(
        tool['name'],
        isOwn ? argumentSchemaFlaws(tool['inputSchema'], tool['strict'] === true) : [],
      ),
    ];
  });
}

/** `tools` of Gemini: lists of declarations, and members that switch a built-in one on. */
export function shapedDeclarations(tools: unknown): ShapedTool[] {
  return shapedList(Array.isArray(tools) ? tools : listOf(tools), (tool) =>
    Object.entries(membersOf(tool) ?? {}).flatMap(([name, value]) => {
      if (name !== 'functionDeclarations') return [{ name: protocolWord(name), flaws: [] }];
      return asList(value).map((declaration) => shapedTool(asObject(declaration)?.['name'], []));
    }),
  );
}

function shapedList(tools: unknown, each: (tool: JsonObject) => ShapedTool[]): ShapedTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) return [{ name: 'tools', flaws: [kindOf(tools)] }];
  if (tools.length === 0) return [{ name: 'tools', flaws: ['empty list'] }];
  const names = new Set<string>();
  return tools
    .flatMap((value) => {
      const tool = asObject(value);
      return tool === undefined ? [{ name: 'tool', flaws: [`no object: ${kindOf(value)}`] }] : each(tool);
    })
    .map((tool) => {
      const isRepeated = names.has(tool.name);
      names.add(tool.name);
      return isRepeated ? { ...tool, flaws: [...tool.flaws, 'name again'] } : tool;
    });
}

function shapedTool(name: unknown, flaws: readonly string[]): ShapedTool {
  return { name: toolName(name), flaws: isToolName(name) ? flaws : ['invalid name', ...flaws] };
}
