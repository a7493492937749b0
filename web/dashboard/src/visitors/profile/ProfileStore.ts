/**
 * Profiles of visitors, one copy for dialog and chat window, so that both show the same (I-29).
 * A late answer never replaces a newer version.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Api } from "../../api/api";
import { asProblem, type Problem } from "../../api/http";
import type { Profile, ProfileChanges } from "../../api/shapes";

export type Loadable<T> =
	| { phase: "loading" }
	| { phase: "failed"; problem: Problem }
	| { phase: "ready"; value: T };

type Edited = { saved: true } | { saved: false; problem: Problem; current: Profile | null };

import type { NamesStore } from "../../live/NamesStore";

declare module "../../StoresContext" {
	interface Stores {
		profiles: ProfileStore;
	}
}

export class ProfileStore {
	readonly #api: Api;
	readonly #names: NamesStore;
	readonly #profiles = new Map<string, Signal<Loadable<Profile>>>();

	/** `names` learns the name of each profile. */
	constructor(api: Api, names: NamesStore) {
		this.#api = api;
		this.#names = names;
	}

	of(visitor: string): ReadonlySignal<Loadable<Profile>> {
		return this.#cell(visitor);
	}

	/** Loads the profile again; the old one stays visible meanwhile. */
	async load(visitor: string): Promise<void> {
		const cell = this.#cell(visitor);
		if (cell.peek().phase === "failed") cell.value = { phase: "loading" };
		try {
			this.#take(await this.#api.visitor(visitor));
		} catch (error) {
			if (cell.peek().phase !== "ready") cell.value = { phase: "failed", problem: asProblem(error) };
		}
	}

	/** Saves only if the stored version is `version`; on a conflict returns the current profile (S-59). */
	edit(visitor: string, version: number, changes: ProfileChanges): Promise<Edited> {
		return this.#write(this.#api.editVisitor(visitor, version, changes));
	}

	/** Like `edit`, for a note. */
	editNote(visitor: string, note: string, version: number, text: string): Promise<Edited> {
		return this.#write(this.#api.editNote(visitor, note, version, text));
	}

	/** Safe to repeat with the same `clientId`. */
	async addNote(visitor: string, clientId: string, text: string): Promise<Problem | null> {
		const answer = await this.#write(this.#api.addNote(visitor, clientId, text));
		return answer.saved ? null : answer.problem;
	}

	clear(): void {
		this.#profiles.clear();
	}

	async #write(written: Promise<Profile>): Promise<Edited> {
		try {
			this.#take(await written);
			return { saved: true };
		} catch (error) {
			const problem = asProblem(error);
			const current =
				problem.code === "conflict" ? (problem.body?.current as Profile | undefined) : undefined;
			if (current) this.#take(current);
			return { saved: false, problem, current: current ?? null };
		}
	}

	#cell(visitor: string): Signal<Loadable<Profile>> {
		let cell = this.#profiles.get(visitor);
		if (!cell) {
			cell = signal<Loadable<Profile>>({ phase: "loading" });
			this.#profiles.set(visitor, cell);
		}
		return cell;
	}

	#take(profile: Profile): void {
		const cell = this.#cell(profile.visitor);
		const shown = cell.peek();
		if (shown.phase === "ready" && shown.value.version > profile.version) return;
		cell.value = { phase: "ready", value: profile };
		this.#names.learn([{ id: profile.visitor, name: profile.name }]);
	}
}
