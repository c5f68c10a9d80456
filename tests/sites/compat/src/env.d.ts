declare namespace App {
  interface Locals {
    greeting: string;
  }
}

declare const __SITE_EDITION__: string;
