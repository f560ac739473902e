// The browser's count of a page's memory leaves WebAssembly's out, so it is counted here: every memory that a module of this
// thread exports or is given. To be imported before anything that starts a module.
const memories = new Set();

function note(instance, imports) {
  const given = Object.values(imports ?? {}).flatMap((module) => Object.values(module));
  for (const one of [...Object.values(instance.exports), ...given]) {
    if (one instanceof WebAssembly.Memory) memories.add(one);
  }
}

for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (source, imports) => {
    const made = await original.call(WebAssembly, source, imports);
    note(made.instance ?? made, imports);
    return made;
  };
}

export const wasmBytes = () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
