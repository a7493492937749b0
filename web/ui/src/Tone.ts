/** Two short synthesised notes. Browsers allow sound only after a user gesture. */

// Hertz: a rising fourth, which sounds like a question, not an alarm.
const NOTES = [659, 880] as const;
const NOTE_S = 0.16;
// Share of the full volume.
const VOLUME = 0.18;

export class Tone {
	#audio: AudioContext | null = null;

	/** Resumes audio on the first gesture, which browsers require. */
	constructor(view: Window) {
		const wake = () =>
			void this.#ready()
				?.resume()
				.catch(() => {});
		for (const event of ["pointerdown", "keydown"] as const)
			view.addEventListener(event, wake, { capture: true, passive: true, once: true });
	}

	play(): void {
		const audio = this.#ready();
		if (audio?.state !== "running") return;
		for (const [index, note] of NOTES.entries()) sound(audio, note, audio.currentTime + index * NOTE_S);
	}

	#ready(): AudioContext | null {
		try {
			this.#audio ??= new AudioContext();
		} catch {
			// No audio device: no sound.
		}
		return this.#audio;
	}
}

function sound(audio: AudioContext, hertz: number, at: number): void {
	const source = audio.createOscillator();
	const loudness = audio.createGain();
	source.frequency.value = hertz;
	loudness.gain.setValueAtTime(0, at);
	loudness.gain.linearRampToValueAtTime(VOLUME, at + 0.015);
	loudness.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S * 1.8);
	source.connect(loudness).connect(audio.destination);
	source.start(at);
	source.stop(at + NOTE_S * 2);
}
