import { useEffect, useState } from "preact/hooks";

/** The value after it has not changed for `ms`, so that typing does not send a request for each letter. */
export function useDebounced<Value>(value: Value, ms: number): Value {
	const [debounced, setDebounced] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setDebounced(value), ms);
		return () => clearTimeout(timer);
	}, [value, ms]);
	return debounced;
}
