/** Reads a challenge as Microsoft's client sample does: split(','), split('='), decodeURI. The sample decodes claims with window.atob. */
export function parsedBySample(header: string): Record<string, string> {
  const challenges = header.slice(header.indexOf(' ') + 1).split(',');
  return Object.fromEntries(
    challenges.map((challenge) => {
      const [key = '', value] = challenge.split('=');
      if (value === undefined) throw new TypeError('Cannot read properties of undefined');
      return [key.trim(), decodeURI(value.replace(/['"]+/g, ''))];
    }),
  );
}
