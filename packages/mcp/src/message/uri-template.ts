/** An expression of a template with its operator (RFC 6570 section 2.2). */
const EXPRESSION = /\{([+#./;?&]?)[^{}]*\}/g;

/**
 * A URI template (RFC 6570), asked only whether a URI fits. At least as wide as the SDKs' own templates: what they would hand to a
 * template's handler fits here too, so that its requirement is asked.
 */
export class UriTemplate {
  readonly #pattern: RegExp;

  constructor(template: string) {
    let pattern = '';
    let at = 0;
    for (const found of template.matchAll(EXPRESSION)) {
      pattern += escaped(template.slice(at, found.index)) + values(found[1] as string);
      at = found.index + found[0].length;
    }
    this.#pattern = new RegExp(`^${pattern}${escaped(template.slice(at))}$`, 's');
  }

  /** Whether text has expressions, and so is a template. */
  static isTemplate(text: string): boolean {
    return /\{[^}\s]+\}/.test(text);
  }

  fits(uri: string): boolean {
    return this.#pattern.test(uri);
  }
}

/** What may stand in the place of an expression: any character, or any but a slash where the operator has no place for one. */
function values(operator: string): string {
  return operator === '' || operator === '.' ? '[^/]*' : '.*';
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
