/** A value once it has rested: what somebody types is not looked up letter by letter. */
import { useEffect, useState } from "preact/hooks";

// A short pause between two words; longer feels like waiting.
const REST_MS = 300;

export function useDebounced<Value>(value: Value): Value {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(value), REST_MS);
		return () => clearTimeout(timer);
	}, [value]);
	return settled;
}
