import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";

interface Request {
	readonly busy: boolean;
	/** Why the last one failed. It stays until the next answer, unless it is cleared. */
	readonly problem: Problem | null;
	/** Does nothing while one is running. */
	run: (act: () => Promise<void>) => Promise<void>;
	clear: () => void;
}

/** The request of a form: one at a time. */
export function useRequest(): Request {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);
	const clear = () => setProblem(null);
	const run = async (act: () => Promise<void>) => {
		if (busy) return;
		setBusy(true);
		try {
			await act();
			clear();
		} catch (error) {
			setProblem(asProblem(error));
		}
		setBusy(false);
	};
	return { busy, problem, run, clear };
}
