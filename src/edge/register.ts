/** There is nothing to register here. */
export {};
