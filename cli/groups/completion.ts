import type { CommandRow } from '../command.ts'

export const completionCommands: readonly CommandRow[] = [
  {
    path: 'completion',
    summary: 'print a script that completes commands, options and values in a shell',
    arguments: [{ name: 'shell', summary: 'which', allowed: ['bash', 'zsh', 'fish'] }],
    document: true,
    examples: [
      {
        call: 'completion bash > ~/.local/share/bash-completion/completions/mmf-cli',
        says: 'bash, with bash-completion',
      },
      { call: 'completion zsh > ~/.zfunc/_mmf-cli', says: 'zsh, with ~/.zfunc in fpath before compinit' },
      { call: 'completion fish > ~/.config/fish/completions/mmf-cli.fish', says: 'fish' },
    ],
    async run(call) {
      const { completionScript } = await import('../completion/script.ts')
      return { stdout: completionScript(call.argument('shell'), call.table), exitCode: 0 }
    },
  },
]
