/**
 * Takes `--full` and the named whole numbers (`--seed 7`, `--seed=7`) out of the arguments; the rest stays for jest.
 * Ends the process with 2 for a number that is none.
 */
export function takeSizeOptions(args, numbers) {
  const options = {};
  for (let at = args.length - 1; at >= 0; at--) {
    const [, name, inline] = /^--([A-Za-z]+)(?:=(.*))?$/.exec(args[at]) ?? [];
    if (name === 'full') {
      options.full = true;
      args.splice(at, 1);
    } else if (numbers.includes(name)) {
      const [, next] = args.splice(at, inline === undefined ? 2 : 1);
      const value = Number(inline ?? next);
      if (!Number.isInteger(value) || value < 0) {
        console.error(`--${name} takes a whole number`);
        process.exit(2);
      }
      options[name] = value;
    }
  }
  return options;
}
