// What the layer holds of the framework: its four entries in one file, because a function loads all of them and each further file costs it half a
// millisecond. A name that two entries export is refused by the compiler here.
export * from '@mmf/framework'
export * from '@mmf/framework/aws'
export * from '@mmf/framework/http'
export * from '@mmf/framework/transparency'
