import { failure } from '../failure.ts'

/** The forms of one name: `hello_world` of the manifest, `hello-world` of paths, `helloWorld` and `HelloWorld` of code, `Hello world` of titles. */
export interface Names {
  readonly snake: string
  readonly kebab: string
  readonly camel: string
  readonly pascal: string
  readonly title: string
}

/** A function on AWS is `marty-development-<plugin>-<service>`, of 64 characters at most, and the first service has the name of the plugin. */
const maxLength = 22

/** @throws {Failure} `name_invalid` for what cannot be the name of a plugin or a service */
export function namesOf(name: string): Names {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || name.length > maxLength) {
    const allowed = `at most ${maxLength} small letters and digits, words joined by "_", a letter first: hello_world`
    throw failure('name_invalid', `"${name.slice(0, 80)}" is no name for it; allowed: ${allowed}`)
  }
  const pascal = name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const spaced = name.replaceAll('_', ' ')
  return {
    snake: name,
    kebab: name.replaceAll('_', '-'),
    camel: `${pascal.charAt(0).toLowerCase()}${pascal.slice(1)}`,
    pascal,
    title: `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`,
  }
}
