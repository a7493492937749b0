/** A copy in the order of names in a language. Numbers count as numbers: "Agent 11" comes before "Agent 102". */
export function byName<Named extends { name: string }>(all: readonly Named[], language: string): Named[] {
	const order = new Intl.Collator(language, { numeric: true });
	return [...all].sort((one, other) => order.compare(one.name, other.name));
}
