/** The result of a call; missing when the call throws, as blocked storage and malformed data do. */
export function attempt<T>(call: () => T): T | undefined {
	try {
		return call();
	} catch {
		return;
	}
}
