import type { ErrorCode } from 'yaml'

/**
 * What is wrong with a YAML file, for each mistake that the parser knows, in words of our own. They never quote the file: what stands at the
 * place may be a secret.
 */
export const yamlMistakes: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias has no anchor and no tag of its own',
  BAD_ALIAS: 'an alias must name an anchor that stands before it',
  BAD_COLLECTION_TYPE: 'the tag does not fit the kind of value',
  BAD_DIRECTIVE: 'a directive that is not of YAML 1.2',
  BAD_DQ_ESCAPE: 'an unknown escape in double quotes; write \\\\ for a backslash',
  BAD_INDENT: 'wrong indentation, or a bracket or brace that is not closed',
  BAD_PROP_ORDER: 'an anchor or a tag stands in the wrong place',
  BAD_SCALAR_START: 'a value without quotes begins with a reserved character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'wrong indentation, or a value with ": " that needs quotes',
  BLOCK_IN_FLOW: 'an indented map or list stands inside brackets or braces',
  DUPLICATE_KEY: 'the key is there twice',
  IMPOSSIBLE: 'it is not YAML 1.2',
  KEY_OVER_1024_CHARS: 'a key has more than 1024 characters',
  MISSING_CHAR: 'a quote, comma, colon or space is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line',
  MULTIPLE_ANCHORS: 'a value has at most one anchor',
  MULTIPLE_DOCS: 'the file must hold one document',
  MULTIPLE_TAGS: 'a value has at most one tag',
  NON_STRING_KEY: 'a key must be a plain string',
  RESOURCE_EXHAUSTION: 'the values are nested too deeply',
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  TAG_RESOLVE_FAILED: 'an unknown tag, or a value that does not fit its tag',
  UNEXPECTED_TOKEN: 'something stands where the value has ended',
}
