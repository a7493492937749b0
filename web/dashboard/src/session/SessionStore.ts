/** Who is signed in. The cookie is the gateway's affair; this store knows only what `/me` answers. */
import type { AgentStatus } from "@palique/ui/vocabulary";
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../api/api";
import { asProblem, type Problem } from "../api/http";
import type { Me, MeChanges } from "../api/shapes";

export type SessionState =
	| { phase: "checking" }
	| { phase: "unreachable" }
	/** `expired`: there was a session, and it ended by itself. */
	| { phase: "signedOut"; expired: boolean }
	| { phase: "signedIn"; me: Me };

declare module "../StoresContext" {
	interface Stores {
		session: SessionStore;
	}
}

export class SessionStore {
	readonly #api: Api;
	readonly #state = signal<SessionState>({ phase: "checking" });

	constructor(api: Api) {
		this.#api = api;
	}

	get state(): ReadonlySignal<SessionState> {
		return this.#state;
	}

	async check(): Promise<void> {
		try {
			this.#state.value = { phase: "signedIn", me: await this.#api.me() };
		} catch (error) {
			const known = asProblem(error).code === "not_signed_in";
			this.#state.value = known ? { phase: "signedOut", expired: false } : { phase: "unreachable" };
		}
	}

	async signIn(email: string, password: string): Promise<Problem | null> {
		try {
			await this.#api.signIn(email, password);
			this.#state.value = { phase: "signedIn", me: await this.#api.me() };
			return null;
		} catch (error) {
			return asProblem(error);
		}
	}

	/** Throws `Problem` when the gateway was not told: the session is then still open. */
	async signOut(): Promise<void> {
		await this.#api.signOut();
		this.#state.value = { phase: "signedOut", expired: false };
	}

	/** Whether the cookie is still good: a socket was refused, which may be its end or a gateway's mistake. */
	async renewed(): Promise<boolean> {
		try {
			this.#state.value = { phase: "signedIn", me: await this.#api.me() };
			return true;
		} catch {
			return false;
		}
	}

	expired(): void {
		if (this.#state.peek().phase === "signedIn") this.#state.value = { phase: "signedOut", expired: true };
	}

	/** Throws `Problem`. */
	async change(changes: MeChanges): Promise<void> {
		this.#replace(await this.#api.changeMe(changes));
	}

	/** Throws `Problem`; without a file the photo is taken away. */
	async changePhoto(file: Blob | null): Promise<void> {
		const { photo } = file ? await this.#api.setPhoto(file) : await this.#api.dropPhoto();
		const state = this.#state.peek();
		if (state.phase === "signedIn") this.#replace({ ...state.me, photo });
	}

	#replace(me: Me): void {
		if (this.#state.peek().phase === "signedIn") this.#state.value = { phase: "signedIn", me };
	}

	chose(status: AgentStatus): void {
		const state = this.#state.peek();
		if (state.phase === "signedIn") this.#state.value = { phase: "signedIn", me: { ...state.me, status } };
	}
}
