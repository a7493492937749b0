import type { Problem } from "../api/http";
import type { T, TextKey } from "./LanguageStore";

const SENTENCES: Readonly<Record<string, TextKey>> = {
	offline: "problem_offline",
	wrong_credentials: "problem_wrong_credentials",
	not_found: "problem_not_found",
	forbidden: "problem_forbidden",
	conflict: "problem_conflict",
	too_fast: "problem_too_fast",
	closed: "problem_closed",
	not_assigned: "problem_not_assigned",
	switched_off: "problem_switched_off",
	already_assigned: "problem_already_assigned",
	too_large: "problem_too_large",
	invalid: "problem_invalid",
};

/** Message for a problem in the agent's language. For `invalid` it adds the server's detail, which names the field. */
export function problemText(t: T, problem: Pick<Problem, "code"> & { body?: Problem["body"] }): string {
	const wait = problem.body?.retry_after_s;
	if (problem.code === "too_fast" && wait) return t.count("problem_wait", wait);
	const sentence = t(SENTENCES[problem.code] ?? "problem_unavailable");
	const detail = problem.code === "invalid" ? problem.body?.detail : undefined;
	return detail ? `${sentence} (${detail})` : sentence;
}
