// Has every call of the package go through src/backend/indexeddb/page.js, so that the end of an instance is noticed, and told with a typed
// error. wasm-bindgen can make a new instance in the old one's place and knows what belongs to which; what it does not do is to
// notice a trap, and to say so in our errors. This edits the code that it generates, and fails where that looks otherwise.

/** Replaces what has to be there as often as said, or at least once. */
function replaced(text, what, by, times) {
  const found = text.match(what)?.length ?? 0;
  if (times === undefined ? found === 0 : found !== times) throw new Error(`wasm-bindgen's code has ${what} ${found} times`);
  return text.replace(what, by);
}

export function withLives(text) {
  const file = /from '(\.\/snippets\/[^']+\/src\/backend\/indexeddb\/page\.js)'/.exec(text)?.[1];
  if (!file) throw new Error("the module does not use src/backend/indexeddb/page.js");
  // The exports of every instance, the first one and those after it.
  text = replaced(text, /\bwasm = (instance|wasmInstance)\.exports;/g, "wasm = guarded($1.exports, __wbg_call_guard);", 2);
  text = replaced(text, /^function __wbg_call_guard\(\) \{\n/gm, "$&    renewed();\n", 1);
  // Without an object there is nothing to call: a null pointer would be the end of the instance.
  text = replaced(text, /if \(this\.__wbg_inst !== undefined/g, "if (!this.__wbg_ptr) throw noObject();\n$&");
  // What belongs to another instance than the present one. Which is that is looked at first.
  text = replaced(text, /if \((this\.__wbg_inst !== undefined|state\.instance !== __wbg_instance_id)/g, "__wbg_call_guard();\n$&");
  text = replaced(text, /throw new Error\('Invalid stale object from previous Wasm instance'\);/g, "throw instanceLost();");
  text = replaced(text, /(function makeClosure\([\s\S]*?)throw new Error\([^)]*\);/g, "$1throw instanceLost();", 1);
  text = replaced(text, /--state\.cnt === 0/g, "$& && state.instance === __wbg_instance_id");
  // Events and timers of the old instance concern nobody. Where it dies of one, all who wait are told, and all who come.
  text = replaced(text, /(function makeMutClosure\([\s\S]*?)throw new Error\([^)]*\);([\s\S]*?\} )finally/g, "$1return;$2catch {\n        } finally", 1);
  text = replaced(text, /( {4}free\(\) \{\n)/g, "$1        if (this.__wbg_inst !== __wbg_instance_id) return;\n");
  // What gives a promise rejects it.
  text = replaced(
    text,
    /(@returns \{Promise<any>\}\n( *) \*\/\n(?: *export function )? *[\w.[\]]+\([^)]*\) \{\n)([\s\S]*?)\n\2\}\n/g,
    "$1$2    return promised(() => {\n$3\n$2    });\n$2}\n",
  );
  return `import { guarded, instanceLost, noObject, promised, renewed } from "${file}";\n${text}`;
}
