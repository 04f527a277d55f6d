/** The time of day, as often as words about ends and dates can change. */
class Clock {
  now = $state.raw(new Date());

  start(): () => void {
    const tell = () => (this.now = new Date());
    tell();
    const timer = setInterval(tell, 20_000);
    return () => clearInterval(timer);
  }
}

export const clock = new Clock();
