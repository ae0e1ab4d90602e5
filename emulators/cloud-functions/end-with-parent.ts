// Loaded before a function: its input is a pipe that ends when the emulator's process does, also when that is killed.
process.stdin.once("end", () => process.exit(0));
process.stdin.once("error", () => process.exit(0));
process.stdin.resume();
process.stdin.unref();
