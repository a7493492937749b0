/**
 * HTTP client. Every failure is a `Problem` with a stable code: `offline` when no answer came, else the code of the gateway's
 * problem document.
 */
import type { ProblemBody } from "./shapes";

// Longer than the gateway's time-out for the database.
const TIMEOUT_MS = 15_000;

export class Problem extends Error {
	readonly code: string;
	readonly status: number;
	readonly body: ProblemBody | null;

	constructor(code: string, status: number, body: ProblemBody | null) {
		super(body?.detail ?? code);
		this.code = code;
		this.status = status;
		this.body = body;
	}
}

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export class Http {
	readonly #fetch: typeof fetch;
	readonly #base: string;
	/** Called when the gateway rejects the session. */
	onSignedOut: () => void = () => {};
	/** Called with the `Date` header of each answer. */
	onDate: (date: string | null) => void = () => {};

	constructor(fetcher: typeof fetch, base: string) {
		this.#fetch = fetcher;
		this.#base = base;
	}

	get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
		return this.#call<T>("GET", path + search(query), undefined, signal);
	}

	post<T>(path: string, body?: object): Promise<T> {
		return this.#call<T>("POST", path, body);
	}

	patch<T>(path: string, body: object): Promise<T> {
		return this.#call<T>("PATCH", path, body);
	}

	/** Uploads a file with its own content type. */
	put<T>(path: string, file: Blob): Promise<T> {
		return this.#call<T>("PUT", path, file);
	}

	delete<T = void>(path: string): Promise<T> {
		return this.#call<T>("DELETE", path);
	}

	async #call<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
		const limit = AbortSignal.timeout(TIMEOUT_MS);
		const init: RequestInit = {
			method,
			credentials: "same-origin",
			signal: signal ? AbortSignal.any([signal, limit]) : limit,
			headers: body ? { "content-type": body instanceof Blob ? body.type : "application/json" } : {},
			body: body instanceof Blob ? body : body ? JSON.stringify(body) : null,
		};
		let response: Response;
		let text: string;
		try {
			response = await this.#fetch(this.#base + path, init);
			this.onDate(response.headers.get("date"));
			text = await response.text();
		} catch (error) {
			if (signal?.aborted) throw error;
			throw new Problem("offline", 0, null);
		}
		const value = parse(text);
		if (response.ok) return value as T;
		const problem = refusal(response.status, value);
		if (problem.code === "not_signed_in") this.onSignedOut();
		throw problem;
	}
}

function search(query: Query): string {
	const given = Object.entries(query).filter(
		([, value]) => value !== null && value !== undefined && value !== "",
	);
	const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
	return text && `?${text}`;
}

function parse(text: string): unknown {
	try {
		return text ? JSON.parse(text) : undefined;
	} catch {
		return undefined;
	}
}

/** A proxy's error page has no problem document; then the status decides the code. */
function refusal(status: number, value: unknown): Problem {
	const body = value as ProblemBody | undefined;
	if (typeof body?.code === "string") return new Problem(body.code, status, body);
	return new Problem(status >= 500 ? "unavailable" : "invalid", status, null);
}

/** Converts any thrown value to a `Problem`. */
export function asProblem(error: unknown): Problem {
	return error instanceof Problem ? error : new Problem("unavailable", 0, null);
}
