/** Loads a value for a component; ignores answers to earlier requests. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";

export interface Loaded<Value> {
	/** The last answer; it stays during a reload. */
	value: Value | null;
	problem: Problem | null;
	loading: boolean;
	reload: () => void;
	/** Sets a value that a command returned. */
	set: (value: Value) => void;
}

/** Calls `load` again when a value of `key` changes. */
export function useLoad<Value>(
	load: (signal: AbortSignal) => Promise<Value>,
	key: readonly unknown[],
): Loaded<Value> {
	const [state, setState] = useState<{ value: Value | null; problem: Problem | null; loading: boolean }>({
		value: null,
		problem: null,
		loading: true,
	});
	const [turn, setTurn] = useState(0);

	// `key` covers everything that `load` reads.
	useEffect(() => {
		const abort = new AbortController();
		setState((before) => ({ ...before, problem: null, loading: true }));
		load(abort.signal).then(
			(value) => abort.signal.aborted || setState({ value, problem: null, loading: false }),
			(error) =>
				abort.signal.aborted ||
				setState((before) => ({ ...before, problem: asProblem(error), loading: false })),
		);
		return () => abort.abort();
	}, [...key, turn]);

	const reload = useCallback(() => setTurn((before) => before + 1), []);
	const set = useCallback((value: Value) => setState({ value, problem: null, loading: false }), []);
	return { ...state, reload, set };
}
