/** Two short notes, made by the browser itself. It makes none before the person has done something in the page. */

// Hertz: a rising fourth, which reads as a question rather than an alarm.
const NOTES = [659, 880] as const;
const NOTE_S = 0.16;
// Of full loudness.
const VOLUME = 0.18;

export class Tone {
	#audio: AudioContext | null = null;

	/** At each gesture: a browser that held sound back lets it go then. */
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
			// A machine without sound is served without it.
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
