import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** The words that may follow a command, found by walking through all of them. */
interface Words {
  /** The command with those above it: `entra-guard migrate`. */
  readonly path: string;
  /** Commands, and fixed values of arguments. */
  readonly words: readonly (readonly [word: string, about: string])[];
  readonly options: readonly (readonly [option: string, about: string])[];
}

/** A script for the shell, made from the commands that there are: it can't be out of date. */
export function scriptFor(shell: Shell, program: Command): string {
  const all = wordsBelow(program, program.name());
  return shell === 'bash' ? bash(program.name(), all) : zsh(program.name(), all);
}

function wordsBelow(command: Command, path: string): readonly Words[] {
  const help = command.createHelp();
  const words = command.commands.map((one) => [one.name(), help.subcommandDescription(one)] as const);
  const values = command.registeredArguments.flatMap(({ argChoices = [] }) =>
    argChoices.map((value) => [value, ''] as const),
  );
  const options = help
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [[long, description] as const] : []));
  return [
    { path, words: [...words, ...values], options },
    ...command.commands.flatMap((one) => wordsBelow(one, `${path} ${one.name()}`)),
  ];
}

const names = (list: Words['words']): string => list.map(([word]) => word).join(' ');

function bash(name: string, all: readonly Words[]): string {
  const cases = all.map(
    ({ path, words, options }) => `    '${path}') words='${names(words)}' options='${names(options)}' ;;`,
  );
  return `# Completion of ${name} for bash.
_${identifier(name)}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='${name}' words='' options='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
      ${all
        .slice(1)
        .map(({ path }) => `'${path}'`)
        .join(' | ')}) path="$path $word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) words="$options" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _${identifier(name)} ${name}
`;
}

function zsh(name: string, all: readonly Words[]): string {
  const described = (list: Words['words']): string =>
    list.map(([word, about]) => quoted(about === '' ? word : `${word}:${about}`)).join(' ');
  const cases = all.map(
    ({ path, words, options }) => `    '${path}')
      words=(${described(words)})
      options=(${described(options)})
      ;;`,
  );
  return `#compdef ${name}
# Completion of ${name} for zsh.
_${identifier(name)}() {
  local path_='${name}' word
  local -a words_ options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$path_ $word" in
      ${all
        .slice(1)
        .map(({ path }) => `'${path}'`)
        .join('|')}) path_="$path_ $word" ;;
    esac
  done
  case "$path_" in
${cases.join('\n').replaceAll('      words=(', '      words_=(')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
  elif (( \${#words_} )); then
    _describe command words_
  else
    _files
  fi
}
if [ "$funcstack[1]" = "_${identifier(name)}" ]; then
  _${identifier(name)} "$@"
else
  compdef _${identifier(name)} ${name}
fi
`;
}

const identifier = (name: string): string => name.replace(/[^a-z0-9]/gi, '_');

/** For zsh: in single quotes; a colon would end the word. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
