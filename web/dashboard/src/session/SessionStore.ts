/** The signed-in agent, as `/me` returns it. The session cookie itself is not visible to scripts. */
import type { AgentStatus } from "@palique/ui/vocabulary";
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../api/api";
import { asProblem, type Problem } from "../api/http";
import type { Me, MeChanges } from "../api/shapes";

type SessionState =
	| { phase: "checking" }
	| { phase: "unreachable" }
	/** The installation has no site yet. */
	| { phase: "setup" }
	/** `expired`: the session ended without a sign-out. */
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
			this.#state.value = known ? await this.#outside() : { phase: "unreachable" };
		}
	}

	/** What is shown without a session: the sign-in, or the set-up page while there is no agent. */
	async #outside(): Promise<SessionState> {
		try {
			if ((await this.#api.setup()).needed) return { phase: "setup" };
		} catch {
			// An earlier gateway has no such call.
		}
		return { phase: "signedOut", expired: false };
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

	/** Rejects with `Problem` when the call failed: the session is then still open. */
	async signOut(): Promise<void> {
		await this.#api.signOut();
		this.signedOut();
	}

	/** Ends all sessions of the agent, this one too. Rejects with `Problem`. */
	async signOutEverywhere(): Promise<void> {
		await this.#api.endAllSessions();
		this.signedOut();
	}

	/** The agent signed out, here or in another tab. */
	signedOut(): void {
		this.#state.value = { phase: "signedOut", expired: false };
	}

	/** True when the cookie is still valid. Called after the gateway refused a websocket. */
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

	/** Rejects with `Problem`. */
	async change(changes: MeChanges): Promise<void> {
		this.#replace(await this.#api.changeMe(changes));
	}

	/** Rejects with `Problem`. `null` removes the photo. */
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
